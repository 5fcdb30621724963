package terpan.examine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import terpan.config.Settings;

final class StateInProcessTest {
    @TempDir
    private Path folder;

    private void write(String name, String text) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private List<Finding> look(int workers, String choice, String... files) throws IOException {
        Settings settings = ExaminedSettings.workers(folder, workers, choice);
        for (int at = 0; at < files.length; at += 2) {
            write(files[at], files[at + 1]);
        }
        return StateInProcess.look(settings);
    }

    private Finding only(String... files) throws IOException {
        List<Finding> found = look(2, "first-free", files);
        assertThat(found).hasSize(1);
        assertThat(look(1, "first-free", files)).isEmpty();
        return found.getFirst();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "from cachelib import SimpleCache\ncache = SimpleCache()\n",
                "cache = cachelib.simple.SimpleCache(threshold=9)\n",
                "config = {\"CACHE_TYPE\": \"SimpleCache\"}\n",
                "app.config['CACHE_TYPE'] = 'simple'\n",
                "class Config:\n    CACHE_TYPE = 'flask_caching.backends.SimpleCache'\n"
            })
    void aSimpleCacheIsFoundHoweverItIsNamed(String text) throws IOException {
        Finding found = only("app.py", text);
        assertThat(found.level()).isEqualTo(Finding.Level.WARNING);
        assertThat(found.text()).startsWith("app.py keeps a SimpleCache").endsWith("2 workers serve");
        assertThat(found.advice()).contains("--workers 1 --threads N");
    }

    @Test
    void whatIsSharedIsNotToldOf() throws IOException {
        assertThat(look(
                        2,
                        "first-free",
                        "app.py",
                        "import other\nCACHE_TYPE = 'RedisCache'\n# cache = SimpleCache()\nx = 1  # SimpleCache()\n",
                        "stray.py",
                        "from flask_socketio import SocketIO\n"))
                .isEmpty();
    }

    @Test
    void socketIoNeedsStickyChoiceAndAQueue() throws IOException {
        String alone = "from flask_socketio import SocketIO\nsocketio = SocketIO(app)\n";
        String queued = "import socketio\nserver = socketio.AsyncServer(client_manager=manager)\n";
        assertThat(only("app.py", alone).advice()).startsWith("--choice sticky and a message queue");
        assertThat(look(2, "sticky", "app.py", alone).getFirst().advice()).startsWith("a message queue, or");
        assertThat(only("app.py", queued).advice()).startsWith("--choice sticky, or");
        assertThat(look(2, "sticky", "app.py", queued)).isEmpty();
    }

    private static final String WSGI =
            "import os\nos.environ.setdefault(\"DJANGO_SETTINGS_MODULE\", \"site_of.settings.live\")\n";
    private static final String BASE = "INSTALLED_APPS = [\n  'polls',\n]\nROOT_URLCONF = 'site_of.urls'\n";
    private static final String VIEWS = "from django.core.cache import cache\n";

    @Test
    void djangosDefaultCacheIsFoundThroughItsSettingsAndWhoUsesIt() throws IOException {
        Finding found = only(
                "app.py", WSGI,
                "site_of/settings/live.py", "from .base import *\n",
                "site_of/settings/base.py", BASE,
                "site_of/urls.py", "urlpatterns = [path('', include(\"polls.urls\"))]\n",
                "polls/__init__.py", "",
                "polls/urls.py", "from . import (\n    views,\n)\n",
                "polls/views.py", VIEWS);
        assertThat(found.level()).isEqualTo(Finding.Level.WARNING);
        assertThat(found.text())
                .startsWith("polls/views.py uses Django's cache, and site_of/settings/base.py has no CACHES");
        Finding unused = only("app.py", WSGI, "polls/views.py", "");
        assertThat(unused.level()).isEqualTo(Finding.Level.OK);
        assertThat(look(
                        2,
                        "first-free",
                        "app.py",
                        WSGI,
                        "site_of/settings/live.py",
                        "from .base import *\nCACHES = shared()\n"))
                .isEmpty();
        Finding named = only(
                "app.py",
                WSGI,
                "site_of/settings/live.py",
                "CACHES = {'default': {'BACKEND': 'django.core.cache.backends.locmem.LocMemCache'}}\nfrom .base import *\n");
        assertThat(named.text()).startsWith("site_of/settings/live.py names Django's LocMemCache");
    }

    @Test
    void whatIsLookedAtIsBounded() throws IOException {
        StringBuilder imports = new StringBuilder("from ....etc import x\nimport app\n");
        for (int at = 0; at < 2 * OwnSources.FILES_MOST; at++) {
            imports.append("import m").append(at).append('\n');
            write("m" + at + ".py", "");
        }
        Settings settings = ExaminedSettings.workers(folder, 2);
        write("app.py", imports.toString());
        write("m0.py", "x".repeat(2 * OwnSources.BYTES_MOST));
        var sources = OwnSources.of(settings.application().orElseThrow());
        assertThat(sources).hasSize(OwnSources.FILES_MOST);
        assertThat(sources.get(folder.resolve("m0.py"))).hasSize(OwnSources.BYTES_MOST);
    }

    @Test
    void hostileTextTakesNoTimeAndNoStack() throws IOException {
        String text = "import " + ",".repeat(60_000) + "\n" + "from a import (" + "b\n".repeat(60_000)
                + "'".repeat(60_000) + " \t".repeat(60_000);
        assertThat(look(2, "first-free", "app.py", text)).isEmpty();
    }
}

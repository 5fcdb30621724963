package terpan.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ApplicationLocatorTest {
    @TempDir
    private Path base;

    @Test
    void aModuleIsImportedFromWhereWeAre() {
        assertThat(found("shop.wsgi:application")).isEqualTo(target(base, "shop.wsgi", "application", false));
        assertThat(found("shop.wsgi")).isEqualTo(target(base, "shop.wsgi", "", false));
        assertThat(found("shop:site.app")).isEqualTo(target(base, "shop", "site.app", false));
    }

    @Test
    void parenthesesMeanAFactory() {
        assertThat(found("shop:make()")).isEqualTo(target(base, "shop", "make", true));
    }

    @Test
    void aModuleIsImportedFromTheDirectoryThatWasAskedFor() {
        Path other = base.resolve("other");
        assertThat(ApplicationLocator.locate("shop:app", base, Optional.of(other)))
                .isEqualTo(new Located.Found<>(target(other, "shop", "app", false)));
    }

    @Test
    void aFileIsImportedFromItsDirectoryByItsName() throws IOException {
        file("site/app.py");
        assertThat(found("site/app.py")).isEqualTo(target(base.resolve("site"), "app", "", false));
        assertThat(found("site/app.py:shop")).isEqualTo(target(base.resolve("site"), "app", "shop", false));
        assertThat(found(base.resolve("site/app.py") + ":make()"))
                .isEqualTo(target(base.resolve("site"), "app", "make", true));
    }

    @Test
    void aFileInsideAPackageIsImportedFromAboveIt() throws IOException {
        file("src/shop/__init__.py");
        file("src/shop/web/__init__.py");
        file("src/shop/web/wsgi.py");
        assertThat(found("src/shop/web/wsgi.py")).isEqualTo(target(base.resolve("src"), "shop.web.wsgi", "", false));
    }

    @Test
    void aFileWhoseNameIsNoModuleIsLoadedByItsPath() throws IOException {
        Path file = file("my-shop.py");
        AppTarget target = found("my-shop.py:app");
        assertThat(target.file()).contains(file);
        assertThat(target.directory()).isEqualTo(base);
        assertThat(target.callable()).contains("app");
    }

    @Test
    void aDirectoryStandsForItsAppOrItsWsgiFile() throws IOException {
        file("one/wsgi.py");
        assertThat(found("one")).isEqualTo(target(base.resolve("one"), "wsgi", "", false));
        file("one/app.py");
        assertThat(found("one/")).isEqualTo(target(base.resolve("one"), "app", "", false));
        assertThat(found("one:shop")).isEqualTo(target(base.resolve("one"), "app", "shop", false));
    }

    @Test
    void aDjangoProjectStandsForTheWsgiFileOfItsPackage() throws IOException {
        file("project/manage.py");
        file("project/shop/__init__.py");
        file("project/shop/wsgi.py");
        assertThat(found("project")).isEqualTo(target(base.resolve("project"), "shop.wsgi", "", false));
    }

    @Test
    void aDirectoryMayHaveAnAsgiOrAMainFileInstead() throws IOException {
        file("one/main.py");
        assertThat(found("one")).isEqualTo(target(base.resolve("one"), "main", "", false));
        file("one/asgi.py");
        assertThat(found("one")).isEqualTo(target(base.resolve("one"), "asgi", "", false));
    }

    @Test
    void aDjangoProjectWithoutAWsgiFileStandsForItsAsgiFile() throws IOException {
        file("project/manage.py");
        file("project/main.py");
        file("project/shop/__init__.py");
        file("project/shop/asgi.py");
        assertThat(found("project")).isEqualTo(target(base.resolve("project"), "shop.asgi", "", false));
    }

    @Test
    void aModuleBelowSrcIsImportedFromThereAndRunsWhereWeAre() throws IOException {
        file("src/shop/wsgi.py");
        assertThat(found("shop.wsgi:app"))
                .isEqualTo(new AppTarget(
                        base.resolve("src"), base, "shop.wsgi", Optional.empty(), Optional.of("app"), false));
        file("shop.py");
        assertThat(found("shop:app")).isEqualTo(target(base, "shop", "app", false));
    }

    @Test
    void aDirectoryStandsForTheFileBelowItsSrc() throws IOException {
        file("site/src/app.py");
        assertThat(found("site")).isEqualTo(target(base.resolve("site/src"), "app", "", false));
    }

    @Test
    void aPackageBesideUsIsAModuleAlthoughItIsADirectory() throws IOException {
        file("shop/__init__.py");
        assertThat(found("shop:app")).isEqualTo(target(base, "shop", "app", false));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "nowhere/app.py|there is no file or directory",
                "app.py:application|there is no file or directory",
                "empty|holds no application, expected app.py, wsgi.py, asgi.py or main.py in it or in its folder src",
                "not-a-module|is no module's name",
                ":app|has no module",
                "shop:make(1)|is no name, expected NAME, or NAME() for a factory",
                "shop:|is no name"
            })
    void whatIsNotFoundSaysWhatWasLookedFor(String name, String expected) throws IOException {
        Files.createDirectories(base.resolve("empty"));
        assertThat(ApplicationLocator.locate(name, base, Optional.empty()))
                .isInstanceOfSatisfying(
                        Located.Missing.class,
                        missing -> assertThat(missing.message()).contains(expected));
    }

    private AppTarget found(String name) {
        return switch (ApplicationLocator.locate(name, base, Optional.empty())) {
            case Located.Found<AppTarget>(AppTarget target) -> target;
            case Located.Missing<AppTarget>(String message) -> throw new AssertionError(message);
        };
    }

    private static AppTarget target(Path directory, String module, String callable, boolean factory) {
        Optional<String> name = callable.isEmpty() ? Optional.empty() : Optional.of(callable);
        return new AppTarget(directory, directory, module, Optional.empty(), name, factory);
    }

    private Path file(String name) throws IOException {
        Path file = base.resolve(name);
        Files.createDirectories(base.resolve(name).resolve("..").normalize());
        return Files.writeString(file, "");
    }
}

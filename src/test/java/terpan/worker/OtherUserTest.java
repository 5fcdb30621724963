package terpan.worker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What root runs, and puts where another user reads it, nobody but root can write. */
final class OtherUserTest {
    private static final int NOBODY = 65_534;

    @TempDir
    Path temporary;

    @BeforeEach
    void asRootInAFolderForAll() throws IOException {
        Assumptions.assumeTrue(Owner.current() == 0, "only root can become another user");
        mode(temporary, "rwxr-xr-x");
    }

    @Test
    void aFileIsRootsWhereEveryLinkThatLeadsThereIs() throws IOException {
        Path folder = Files.createDirectory(temporary.resolve("archive"));
        Path file = Files.writeString(folder.resolve("key.pem"), "key");
        Path open = Files.createDirectory(temporary.resolve("open"));
        mode(open, "rwxrwxrwx");
        Path through = Files.createSymbolicLink(open.resolve("key.pem"), file);
        Path live = Files.createSymbolicLink(temporary.resolve("live.pem"), Path.of("archive/key.pem"));
        Path chain = Files.createSymbolicLink(temporary.resolve("chain.pem"), through);
        Path round = temporary.resolve("round");
        Files.createSymbolicLink(round, round);
        assertThat(OtherUser.leadsToRoots(file)).isTrue();
        assertThat(OtherUser.leadsToRoots(live)).isTrue();
        assertThat(OtherUser.leadsToRoots(through)).isFalse();
        assertThat(OtherUser.leadsToRoots(chain)).isFalse();
        assertThat(OtherUser.leadsToRoots(round)).isFalse();
        assertThat(OtherUser.leadsToRoots(temporary.resolve("none"))).isFalse();
        mode(file, "rw-rw-rw-");
        assertThat(OtherUser.leadsToRoots(live)).isFalse();
    }

    private static void mode(Path path, String mode) throws IOException {
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
    }

    @Test
    void whatIsRootsAloneIsToldFromWhatOthersCanChangeOrReplace() throws IOException {
        Path folder = Files.createDirectory(temporary.resolve("folder"));
        Path file = Files.createFile(folder.resolve("file"));
        mode(file, "rwxr-xr-x");
        mode(folder, "rwxr-xr-x");
        assertThat(OtherUser.isRoots(file)).isTrue();
        mode(folder, "rwxrwxrwx");
        assertThat(OtherUser.isRoots(file)).isFalse();
        mode(folder, "rwxr-xr-x");
        mode(file, "rwxr-xrwx");
        assertThat(OtherUser.isRoots(file)).isFalse();
        mode(file, "rwxrwxr-x");
        Files.setAttribute(file, "unix:gid", NOBODY);
        assertThat(OtherUser.isRoots(file)).as("a group's that is not root's").isFalse();
        mode(file, "rwxr-xr-x");
        Files.setAttribute(folder, "unix:uid", NOBODY);
        assertThat(OtherUser.isRoots(file)).isFalse();
        assertThat(OtherUser.isRoots(folder.resolve("missing"))).isFalse();
    }

    @Test
    void filesForOthersGoToTheFirstPlaceThatIsRootsAloneAndOpenForAll() throws Exception {
        Path closed = Files.createDirectory(temporary.resolve("closed"));
        mode(closed, "rwx------");
        Path others = Files.createDirectory(temporary.resolve("others"));
        Files.setAttribute(others, "unix:uid", NOBODY);
        Path missing = Path.of("/proc/no-folder-can-be-made-here");
        List<Path> places = List.of(missing, closed.resolve("in"), others, temporary.resolve("good"));
        Map<String, byte[]> files = new HashMap<>(Map.of("terpan_worker/start.py", "one".getBytes(UTF_8)));
        PythonFiles python = PythonFiles.forOthers(files, places);
        assertThat(python.startFile()).startsWith(temporary.resolve("good")).hasContent("one");
        assertThat(PosixFilePermissions.toString(
                        Files.getPosixFilePermissions(python.startFile().getParent())))
                .isEqualTo("rwxr-xr-x");
        assertThatThrownBy(() -> PythonFiles.forOthers(files, places.subList(0, 3)))
                .isInstanceOf(StartException.class)
                .hasMessageContainingAll(
                        "where the workers' user can read them", missing.toString(), "closed", "others");
    }

    @Test
    void manyMayWriteTheSameFilesAtOnce() throws Exception {
        Map<String, byte[]> files = new HashMap<>();
        files.put("terpan_worker/start.py", "text".getBytes(UTF_8));
        for (int number = 0; number < 50; number++) {
            files.put("terpan_worker/module" + number + ".py", "text".getBytes(UTF_8));
        }
        try (ExecutorService writers = Executors.newFixedThreadPool(8)) {
            List<Callable<PythonFiles>> tasks =
                    Collections.nCopies(8, () -> PythonFiles.forOthers(files, List.of(temporary.resolve("all"))));
            for (Future<PythonFiles> written : writers.invokeAll(tasks)) {
                assertThat(written.get().startFile()).startsWith(temporary);
            }
        }
    }

    @Test
    void whatOthersCanWriteIsNotInstalledByRoot() throws Exception {
        Path project = Files.createDirectory(temporary.resolve("project"));
        mode(project, "rwxr-xr-x");
        Path requirements = Files.writeString(project.resolve("requirements.txt"), "");
        mode(requirements, "rw-r--r--");
        VirtualEnvironment.refuseOthers(project, "app", Map.of());
        Path packages = Files.createDirectories(project.resolve(".venv/lib"));
        Files.setAttribute(packages, "unix:uid", NOBODY);
        assertThatThrownBy(() -> VirtualEnvironment.refuseOthers(project, "app", Map.of()))
                .hasMessageContainingAll("--install would run as root", packages.toString(), "install as user app");
    }
}

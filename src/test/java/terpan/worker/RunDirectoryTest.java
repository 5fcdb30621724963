package terpan.worker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RunDirectoryTest {
    @TempDir
    Path temporary;

    private static StartFailure failureOf(ThrowingCallable open) {
        StartFailure[] failure = new StartFailure[1];
        assertThatThrownBy(open).isInstanceOfSatisfying(StartException.class, thrown -> failure[0] = thrown.failure());
        return failure[0];
    }

    private static void leaveSocket(Path path) throws IOException {
        try (ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            socket.bind(UnixDomainSocketAddress.of(path));
        }
        assertThat(path).exists();
    }

    @Test
    void itIsMadeForUsAlone() throws Exception {
        Path path = temporary.resolve("run");
        try (RunDirectory directory = RunDirectory.open(path)) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.path())))
                    .isEqualTo("rwx------");
            assertThat(Files.readString(path.resolve("lock")).strip())
                    .isEqualTo(Long.toString(ProcessHandle.current().pid()));
        }
    }

    @Test
    void aSecondStartIsToldWhoHoldsIt() throws Exception {
        Path path = temporary.resolve("run");
        try (RunDirectory _ = RunDirectory.open(path)) {
            assertThat(failureOf(() -> RunDirectory.open(path)).message())
                    .contains("process " + ProcessHandle.current().pid() + " holds " + path);
        }
        RunDirectory.open(path).close();
    }

    /** What a process says of itself that may be anybody's. */
    @ParameterizedTest
    @CsvSource({
        "/run/terpan/upgrade, /run/terpan, b, true",
        "/run/terpan/upgradeb, /run/terpan, '', true",
        "/run/terpan/upgrade, /run/terpan, '', false",
        "/run/terpan/upgrade, /root, b, false",
        "/run/terpan/upgrade, /run/terpan, '|.*', false",
        "/run/terpan/upgrade, /run/terpan/../terpan, b, false",
        "/run/terpan/other, /run/terpan, b, false",
        "'', /run/terpan, b, false"
    })
    void itsDirectoryIsTheOneThatItWasFoundIn(String socket, String path, String side, boolean believed) {
        assertThat(RunDirectory.isUpgradeSocket(Path.of(socket), Path.of(path), side))
                .isEqualTo(believed);
    }

    @Test
    void twoAreThereAtOnceWhileOneTakesTheOthersPlace() throws Exception {
        Path path = temporary.resolve("run");
        RunDirectory before = RunDirectory.open(path);
        RunDirectory next = RunDirectory.beside(path, before.nextSide());
        leaveSocket(before.controlSocket());
        leaveSocket(next.controlSocket());
        leaveSocket(next.workerSocket(1, 1));
        leaveSocket(next.operatorsSocket());
        assertThat(next.isFollowing()).isTrue();
        before.handOver();
        before.close();
        assertThat(before.controlSocket()).doesNotExist();
        assertThat(next.controlSocket()).exists();
        assertThat(next.operatorsSocket()).exists();
        // Nobody comes between, though the lock is free now.
        assertThat(failureOf(() -> RunDirectory.open(path)).message())
                .contains("process " + ProcessHandle.current().pid() + " holds " + path);

        next.inherit();
        assertThat(next.isFollowing()).isFalse();
        assertThat(failureOf(() -> RunDirectory.open(path)).message()).contains("holds " + path);
        assertThat(next.nextSide()).isEmpty();
        next.close();
        assertThat(path).isDirectoryContaining(file -> file.endsWith("lock"));
        assertThat(path.toFile().list()).containsExactly("lock");
        RunDirectory.open(path).close();
    }

    @Test
    void whatThePredecessorLeftIsRemovedAndNothingElse() throws Exception {
        Path path = temporary.resolve("run");
        RunDirectory.open(path).close();
        leaveSocket(path.resolve("control"));
        leaveSocket(path.resolve("w12.3"));
        leaveSocket(path.resolve("someone.else"));
        Files.writeString(path.resolve("w1.1"), "not a socket");
        try (RunDirectory _ = RunDirectory.open(path)) {
            assertThat(path.resolve("control")).doesNotExist();
            assertThat(path.resolve("w12.3")).doesNotExist();
            assertThat(path.resolve("someone.else")).exists();
            assertThat(path.resolve("w1.1")).hasContent("not a socket");
        }
    }

    @Test
    void whatAKilledTerpanLeftOfItsApplicationsIsRemovedToo() throws Exception {
        Path path = temporary.resolve("run");
        try (RunDirectory running = RunDirectory.open(path)) {
            leaveSocket(running.inside(1).path().resolve("w1.1"));
            running.inside(2);
            Files.writeString(running.inside(3).path().resolve("note"), "not ours");
        }
        Path left = Files.createDirectory(path.resolve("a4"));
        leaveSocket(left.resolve("w1.1"));
        try (RunDirectory _ = RunDirectory.open(path)) {
            assertThat(left).doesNotExist();
            assertThat(path.resolve("a1")).doesNotExist();
            assertThat(path.resolve("a3/note")).exists();
        }
    }

    @Test
    void anOpenDirectoryIsRefused() throws Exception {
        Path path = Files.createDirectory(temporary.resolve("run"));
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
        assertThat(failureOf(() -> RunDirectory.open(path)))
                .isEqualTo(new StartFailure.DirectoryOpen(path, "rwxr-xr-x"));
    }

    @Test
    void aDirectoryOfSomeoneElseIsRefusedWithItsOwner() throws Exception {
        Assumptions.assumeTrue(Owner.current() == 0, "only root can give a directory away");
        Path path = Files.createDirectory(temporary.resolve("run"));
        Files.setAttribute(path, "unix:uid", 65534);
        StartFailure failure = failureOf(() -> RunDirectory.open(path));
        assertThat(failure).isInstanceOf(StartFailure.DirectoryNotOurs.class);
        assertThat(failure.message()).contains(path.toString(), "nobody");
    }

    @Test
    void aLinkIsNotFollowed() throws Exception {
        Path target = Files.createDirectory(temporary.resolve("target"));
        Path path = Files.createSymbolicLink(temporary.resolve("run"), target);
        assertThat(failureOf(() -> RunDirectory.open(path))).isInstanceOf(StartFailure.DirectoryUnusable.class);
    }

    @Test
    void aPathTooLongForItsSocketsIsRefusedAtOnce() throws Exception {
        Path path = temporary.resolve("x".repeat(RunDirectory.PATH_MOST));
        assertThat(failureOf(() -> RunDirectory.open(path)).message())
                .contains(path.toString().getBytes(UTF_8).length + " bytes", "--run-directory");
        assertThat(path).doesNotExist();
    }
}

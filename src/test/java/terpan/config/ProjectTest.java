package terpan.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ProjectTest {
    @TempDir
    private Path base;

    private Path code;

    @BeforeEach
    void makeSources() throws IOException {
        code = Files.createDirectories(base.resolve("shop/src/shop/web"));
    }

    @Test
    void theFoldersUpToTheOneThatMarksAProjectBelongToIt() throws IOException {
        Files.createFile(base.resolve("shop/pyproject.toml"));
        assertThat(Project.folders(code))
                .containsExactly(code, base.resolve("shop/src/shop"), base.resolve("shop/src"), base.resolve("shop"));
    }

    @Test
    void theOutermostMarkWithinReachIsTheRoot() throws IOException {
        Files.createFile(code.resolve("requirements.txt"));
        Files.createDirectory(base.resolve("shop/.git"));
        assertThat(Project.folders(code)).endsWith(base.resolve("shop")).hasSize(4);
    }

    @Test
    void withoutAMarkNothingAboveIsTaken() {
        assertThat(Project.folders(code)).containsExactly(code);
    }

    @Test
    void aFolderThatOthersMayWriteToIsNoneOfTheProjects() throws IOException {
        Files.createFile(base.resolve("shop/pyproject.toml"));
        Files.setPosixFilePermissions(base.resolve("shop/src"), PosixFilePermissions.fromString("rwxrwxrwx"));
        assertThat(Project.folders(code)).containsExactly(code);
    }
}

package terpan.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RootOnlyTest {
    private static final int NOBODY = 65_534;

    @TempDir
    private Path folder;

    private Path place;

    @BeforeEach
    void make() throws Exception {
        Assumptions.assumeTrue("root".equals(System.getProperty("user.name")), "only root can give files away");
        place = Files.createDirectories(folder.resolve("site/static"));
    }

    @Test
    void whatRootAloneCanChangeLeadsWhereItIsMeant() {
        assertThat(RootOnly.changeable(place)).as("below a sticky folder, too").isEmpty();
    }

    @Test
    void whoOwnsOrMayWriteAnyPartOfTheWayCanLeadItElsewhere() throws Exception {
        for (Path part : new Path[] {place, place.getParent()}) {
            Files.setAttribute(part, "unix:uid", NOBODY);
            assertThat(RootOnly.changeable(place)).contains(part);
            Files.setAttribute(part, "unix:uid", 0);
            Files.setPosixFilePermissions(part, PosixFilePermissions.fromString("rwxrwxr-x"));
            assertThat(RootOnly.changeable(place)).contains(part);
            Files.setPosixFilePermissions(part, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
    }

    @Test
    void aLinkCountsWithWhereItLiesAndWhereItLeads() throws Exception {
        Path open = Files.createDirectory(folder.resolve("open"));
        Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxrwxrwx"));
        Path inOpen = Files.createSymbolicLink(open.resolve("link"), place);
        assertThat(RootOnly.changeable(inOpen)).contains(open);
        Path toOpen = Files.createSymbolicLink(folder.resolve("link"), open);
        assertThat(RootOnly.changeable(toOpen)).contains(open);
        assertThat(RootOnly.changeable(Files.createSymbolicLink(folder.resolve("good"), place)))
                .isEmpty();
    }
}

package terpan.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Documents name only what is there, and what other packages meet is described. */
final class DocumentationTest {
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)|src=\"([^\"]+)\"");

    /** A path of the repository in code quotes, such as `src/main/java/terpan/cli/Main.java`. */
    private static final Pattern PATH =
            Pattern.compile("`((?:src|docs|python|scripts|examples|benchmarks)/[\\w./-]+)`|`(\\./(?:terpan|check))\\b");

    /** A class of the program by package, such as `edge.Exchange` or `dispatch.Dispatcher.admit`. */
    private static final Pattern CLASS =
            Pattern.compile("`((?:edge\\.)?[a-z0-9]+)\\.([A-Z]\\w+)(?:\\.\\w+)?(?:\\(\\))?`");

    private static final int DECISION_WORDS = 150;

    @Test
    void everyPublicTypeHasADocComment() {
        List<Path> sources = Repository.files(".java").stream()
                .filter(file -> Repository.name(file).startsWith("src/main/"))
                .toList();
        assertThat(new JavaSources(sources).publicTypes())
                .isNotEmpty()
                .filteredOn(type -> !type.documented())
                .isEmpty();
    }

    @Test
    void linksBetweenDocumentsLeadSomewhere() {
        List<String> faults = new ArrayList<>();
        for (Path document : Repository.files(".md")) {
            Matcher link = LINK.matcher(String.join("\n", Repository.lines(document)));
            while (link.find()) {
                String target = link.group(1) != null ? link.group(1) : link.group(2);
                String path = target.replaceFirst("#.*", "");
                if (!path.isEmpty() && !target.contains("://") && !Files.exists(document.resolveSibling(path))) {
                    faults.add(Repository.name(document) + " links to " + target);
                }
            }
        }
        assertThat(faults).isEmpty();
    }

    @Test
    void pathsAndClassesThatDocumentsNameExist() {
        List<String> faults = new ArrayList<>();
        for (Path document : Repository.files(".md")) {
            String text = String.join("\n", Repository.lines(document));
            PATH.matcher(text).results().forEach(found -> {
                String path = found.group(1) != null ? found.group(1) : found.group(2);
                if (!Files.exists(Repository.ROOT.resolve(path))) {
                    faults.add(Repository.name(document) + " names " + path);
                }
            });
            CLASS.matcher(text).results().forEach(found -> {
                String path =
                        "src/main/java/terpan/" + found.group(1).replace('.', '/') + "/" + found.group(2) + ".java";
                if (!Files.exists(Repository.ROOT.resolve(path))) {
                    faults.add(Repository.name(document) + " names " + found.group() + ", expected in " + path);
                }
            });
        }
        assertThat(faults).isEmpty();
    }

    @Test
    void everyDocumentIsListedInTheIndexOfItsFolder() {
        List<String> faults = new ArrayList<>();
        for (String folder : List.of("docs/", "docs/decisions/", "benchmarks/notes/")) {
            String index = String.join("\n", Repository.lines(Repository.ROOT.resolve(folder + "README.md")));
            documentsIn(folder)
                    .filter(name -> !index.contains("](" + name + ")"))
                    .forEach(name -> faults.add(folder + name + " is not listed in " + folder + "README.md"));
        }
        assertThat(faults).isEmpty();
    }

    @Test
    void aDecisionIsARecordOfItsSituationWhatWasDecidedAndWhatWasRejected() {
        List<String> faults = new ArrayList<>();
        documentsIn("docs/decisions/").forEach(name -> {
            String text = String.join("\n", Repository.lines(Repository.ROOT.resolve("docs/decisions/" + name)));
            boolean whole = List.of("**Situation.**", "**Decision.**", "**Rejected.**").stream()
                    .allMatch(text::contains);
            int words = text.split("\\s+").length;
            if (!whole || words > DECISION_WORDS) {
                faults.add(name + " has " + words + " words, at most " + DECISION_WORDS + ", and all three parts: "
                        + whole);
            }
        });
        assertThat(faults).isEmpty();
    }

    /** Names of the documents that lie in a folder, but for its index. */
    private static Stream<String> documentsIn(String folder) {
        return Repository.files(".md").stream()
                .map(Repository::name)
                .filter(name -> name.startsWith(folder) && name.indexOf('/', folder.length()) < 0)
                .map(name -> name.substring(folder.length()))
                .filter(name -> !name.equals("README.md"));
    }

    @Test
    void theReadmeHasTheTwoCommandsThatGetAPersonGoing() {
        String readme = String.join("\n", Repository.lines(Repository.ROOT.resolve("README.md")));
        assertThat(readme)
                .contains("./terpan serve --install examples/guestbook")
                .contains("./check");
    }
}

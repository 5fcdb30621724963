package terpan.architecture;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.DocTrees;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreePathScanner;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.lang.model.element.Modifier;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/** The Java sources as the compiler parses them: lengths of methods, doc comments of public types. */
final class JavaSources {
    /** A method with its length in lines, from its first annotation to its closing brace. */
    record MethodLength(String file, String method, int lines) {}

    /** A public or protected type that a reader of another package meets. */
    record PublicType(String file, String type, boolean documented) {}

    private final List<MethodLength> methods = new ArrayList<>();
    private final List<PublicType> publicTypes = new ArrayList<>();

    JavaSources(List<Path> files) {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        try (StandardJavaFileManager manager = compiler.getStandardFileManager(null, null, null)) {
            JavacTask task = (JavacTask) compiler.getTask(
                    null, manager, null, List.of("-proc:none"), null, manager.getJavaFileObjectsFromPaths(files));
            DocTrees documents = DocTrees.instance(task);
            for (CompilationUnitTree unit : task.parse()) {
                new Scanner(
                                documents,
                                Repository.name(Path.of(unit.getSourceFile().toUri())))
                        .scan(unit, null);
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    List<MethodLength> methods() {
        return methods;
    }

    List<PublicType> publicTypes() {
        return publicTypes;
    }

    private final class Scanner extends TreePathScanner<Void, Void> {
        private final DocTrees documents;
        private final String file;

        Scanner(DocTrees documents, String file) {
            this.documents = documents;
            this.file = file;
        }

        @Override
        public Void visitMethod(MethodTree method, Void none) {
            CompilationUnitTree unit = getCurrentPath().getCompilationUnit();
            long first = line(unit, documents.getSourcePositions().getStartPosition(unit, method));
            long last = line(unit, documents.getSourcePositions().getEndPosition(unit, method));
            methods.add(new MethodLength(file, method.getName().toString(), (int) (last - first) + 1));
            return super.visitMethod(method, null);
        }

        @Override
        public Void visitClass(ClassTree type, Void none) {
            if (type.getModifiers().getFlags().contains(Modifier.PUBLIC) && visibleOutside()) {
                boolean documented = documents.getDocComment(getCurrentPath()) != null;
                publicTypes.add(new PublicType(file, type.getSimpleName().toString(), documented));
            }
            return super.visitClass(type, null);
        }

        /** A public type inside one that is not public can not be met from another package. */
        private boolean visibleOutside() {
            for (Tree tree : getCurrentPath().getParentPath()) {
                if (tree instanceof ClassTree outer
                        && !outer.getModifiers().getFlags().contains(Modifier.PUBLIC)) {
                    return false;
                }
            }
            return true;
        }

        private static long line(CompilationUnitTree unit, long position) {
            return unit.getLineMap().getLineNumber(position);
        }
    }
}

package terpan.daemon;

import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import terpan.edge.limits.BufferMemory;
import terpan.picture.Picture;
import terpan.sampler.Pictures;

/** What only the process's own life tells, of all applications or of one. Thread-safe. */
final class Life implements Pictures.Life {
    private final Front front;
    private final Listeners listeners;
    private final Supplier<ServingState> serving;
    private final Supplier<List<ServedApplication>> all;
    private final Supplier<Picture.Dropped> lines;
    private final Optional<ServedApplication> one;

    /**
     * That of all.
     *
     * @param all the applications that there are
     * @param lines those that logs have lost
     */
    Life(
            Front front,
            Listeners listeners,
            Supplier<ServingState> serving,
            Supplier<List<ServedApplication>> all,
            Supplier<Picture.Dropped> lines) {
        this(front, listeners, serving, all, lines, Optional.empty());
    }

    private Life(
            Front front,
            Listeners listeners,
            Supplier<ServingState> serving,
            Supplier<List<ServedApplication>> all,
            Supplier<Picture.Dropped> lines,
            Optional<ServedApplication> one) {
        this.front = front;
        this.listeners = listeners;
        this.serving = serving;
        this.all = all;
        this.lines = lines;
        this.one = one;
    }

    /** That of one. */
    Life of(ServedApplication application) {
        return new Life(front, listeners, serving, all, lines, Optional.of(application));
    }

    @Override
    public List<String> binds() {
        return listeners.addresses();
    }

    @Override
    public Optional<String> application() {
        if (one.isEmpty()) {
            List<String> names = all.get().stream().map(ServedApplication::name).toList();
            return Optional.of(names.size() + " applications: " + String.join(", ", names));
        }
        return one.get()
                .workers()
                .reloads
                .settings()
                .application()
                .map(served -> Picture.served(served.name(), served.chdir()));
    }

    @Override
    public int generation() {
        return one.map(its -> its.workers().reloads.generation()).orElse(1);
    }

    @Override
    public Optional<Picture.Reload> reload() {
        return one.flatMap(its -> its.workers().reloads.last());
    }

    /** That of all is what each is, if that is the same. */
    @Override
    public String state() {
        ServingState now = serving.get();
        if (now != ServingState.SERVING) {
            return now.label();
        }
        if (one.isPresent()) {
            return one.get().state(now.label());
        }
        List<String> states =
                all.get().stream().map(its -> its.state(now.label())).distinct().toList();
        return states.size() == 1 ? states.getFirst() : now.label();
    }

    @Override
    public int connectionsMost() {
        return front.bounds.connectionsMost();
    }

    @Override
    public Picture.Buffers buffers() {
        BufferMemory memory = front.bounds.memory();
        return new Picture.Buffers(memory.held(), memory.most());
    }

    @Override
    public Optional<String> tlsEngine() {
        return front.tls().map(spoken -> spoken.library().toString());
    }

    @Override
    public List<Picture.Certificate> certificates() {
        return front.tls().map(ListenerTls::certificates).orElse(List.of());
    }

    @Override
    public Picture.Issuance issuance() {
        return front.tls().map(ListenerTls::issuance).orElse(Picture.Issuance.NONE);
    }

    @Override
    public Picture.Dropped dropped() {
        return lines.get();
    }
}

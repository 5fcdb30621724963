package terpan.edge;

import org.jspecify.annotations.Nullable;
import terpan.dispatch.Dispatcher;
import terpan.edge.pages.ErrorPages;
import terpan.link.LoopLinks;
import terpan.loop.Loop;

/** An application on one event loop: what an exchange has once its head is whole. Belongs to the loop's thread. */
final class LoopApplication {
    final Dispatcher dispatcher;
    final LoopLinks links;
    final ErrorPages pages;

    /** Null where any worker will do for any client. */
    final @Nullable Stickiness stickiness;

    /** Null where no route streams. */
    final @Nullable PathPatterns streams;

    LoopApplication(Application application, Loop loop) {
        this(application, new LoopLinks(loop, application.links()));
    }

    /** Why what was saved last does not run; null: it does. */
    final @Nullable String fault;

    /** Null where it is not worked on. */
    final @Nullable Maintenance maintenance;

    /** Whether all is as always, so that a request is looked at once. */
    final boolean open;

    private LoopApplication(Application application, LoopLinks links) {
        this.dispatcher = application.dispatcher();
        this.links = links;
        this.pages = application.pages();
        this.fault = application.fault().isEmpty() ? null : application.fault();
        this.maintenance = application.maintenance().orElse(null);
        this.open = fault == null && maintenance == null;
        this.stickiness = Stickiness.of(application.choice(), application.stickyKey());
        this.streams = application.streams().isEmpty() ? null : new PathPatterns(application.streams());
    }

    /** The same application with other settings, reached by the same links. */
    LoopApplication changed(Application newer) {
        return new LoopApplication(newer, links);
    }
}

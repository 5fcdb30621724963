package terpan.edge;

import org.jspecify.annotations.Nullable;
import terpan.dispatch.Dispatcher;
import terpan.edge.files.SendRules;
import terpan.edge.files.StaticRules;
import terpan.edge.limits.RequestRates;
import terpan.edge.pages.ErrorPages;
import terpan.link.LoopLinks;
import terpan.metrics.LoopMetrics;

/** An application on one event loop: what an exchange has once its head is whole. Belongs to the loop's thread. */
final class LoopApplication {
    final Application application;
    final Dispatcher dispatcher;
    final LoopLinks links;

    /** What its requests count in. */
    final LoopMetrics metrics;

    /** By which its requests are judged; null: by those of all. */
    final @Nullable EdgeSettings settings;

    final ErrorPages pages;

    /** What it allows an address, besides what all do; null: any number of requests. */
    final @Nullable RequestRates rates;

    /** Null where any worker will do for any client. */
    final @Nullable Stickiness stickiness;

    /** Null where no route streams. */
    final @Nullable PathPatterns streams;

    /** Null where no request is for a file. */
    final @Nullable StaticRules statics;

    /** Null where its answers name no files. */
    final @Nullable SendRules sent;

    /** Why what was saved last does not run; null: it does. */
    final @Nullable String fault;

    /** Null where it is not worked on. */
    final @Nullable Maintenance maintenance;

    /** Whether all is as always, so that a request is looked at once. */
    final boolean open;

    /**
     * An application as it is on a loop.
     *
     * @param loop the loop's number
     */
    LoopApplication(Application application, int loop) {
        this.dispatcher = application.dispatcher();
        this.links = application.links().get(loop);
        this.application = application;
        this.settings = application.settings().orElse(null);
        this.metrics = application.metrics().loop(loop);
        this.pages = application.pages();
        this.rates = application.rates().orElse(null);
        this.statics = application.files().statics().orElse(null);
        this.sent = application.files().sent().orElse(null);
        this.fault = application.fault().isEmpty() ? null : application.fault();
        this.maintenance = application.maintenance().orElse(null);
        this.open = fault == null && maintenance == null;
        this.stickiness = Stickiness.of(application.choice(), application.cookie());
        this.streams = application.streams().isEmpty() ? null : new PathPatterns(application.streams());
    }
}

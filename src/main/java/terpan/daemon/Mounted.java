package terpan.daemon;

import java.io.IOException;
import terpan.config.Loaded;

/** The client side of one application of several: only what is its own changes with it. */
final class Mounted implements ClientSide {
    private final Site site;

    Mounted(Site site) {
        this.site = site;
    }

    @Override
    public Prepared prepare(Loaded.Ready read, Runnable first) throws IOException {
        Site.Change change = site.prepare(read.mounting(), read.settings());
        return new Prepared() {
            @Override
            public void takesOver() {
                site.change(change);
            }

            @Override
            public void makeWay() {}

            @Override
            public void abandon() {}
        };
    }
}

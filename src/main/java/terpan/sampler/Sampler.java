package terpan.sampler;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import terpan.picture.Picture;

/**
 * Makes the picture of now for everybody who asks, one at a time: who asks while one is being made waits for the next, and shares it with
 * all that wait. So many who look at once cost the dispatcher no more than two do. Nobody gets one that was begun before they asked.
 * Thread-safe. Rejected: a picture every so often whoever looks, which is stale after each order.
 */
public final class Sampler implements Supplier<Picture> {
    private final Supplier<Picture> make;
    private volatile long begun;

    /** The last one; guarded by this. */
    private @Nullable Picture last;

    /**
     * One that has made none.
     *
     * @param make puts one together; called by one thread at a time
     */
    public Sampler(Supplier<Picture> make) {
        this.make = make;
    }

    @Override
    public Picture get() {
        long beforeUs = begun;
        synchronized (this) {
            Picture known = last;
            if (known != null && begun > beforeUs) {
                return known;
            }
            begun++;
            last = null;
            Picture made = make.get();
            last = made;
            return made;
        }
    }
}

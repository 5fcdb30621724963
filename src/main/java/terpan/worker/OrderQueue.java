package terpan.worker;

import java.util.ArrayDeque;
import java.util.Deque;

/** The orders that are carried out, one at a time; a newer rollout takes the place of what was ordered before it. Belongs to the supervisor's thread. */
final class OrderQueue {
    private static final int MOST = 16;
    private static final String NEWER = "a newer order took its place";

    private final Deque<Order> orders = new ArrayDeque<>();

    /** Takes one in, or ends it. */
    void take(Order order) {
        if (order instanceof GenerationOrder) {
            orders.forEach(older -> older.giveWay(NEWER));
            orders.removeIf(Order::isOver);
        }
        if (orders.size() == MOST) {
            order.cancel("too many orders wait already");
        } else {
            orders.add(order);
        }
    }

    /** Whether one is carried out, or waits, after which there may be other workers than now; a restart leaves as many. */
    boolean changesNumber() {
        return orders.stream().anyMatch(order -> !(order instanceof Restart));
    }

    /** The first goes on; the next begins once it is over. */
    void advance() {
        Order order = orders.peek();
        try {
            if (order != null && order.advance()) {
                orders.remove();
            }
        } catch (RuntimeException bug) {
            orders.remove().cancel("a fault in Terpan itself: " + bug);
            throw bug;
        }
    }

    /** None goes on; why, for people. */
    void cancel(String why) {
        orders.forEach(order -> order.cancel(why));
        orders.clear();
    }
}

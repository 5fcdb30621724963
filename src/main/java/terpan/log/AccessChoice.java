package terpan.log;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.List;
import terpan.config.AccessRule;
import terpan.http.RequestHead;

/**
 * Which requests have a line in the access log: the first rule that fits says so, and all do that none fits. A share is kept by chance, for
 * clients come in patterns. Belongs to one loop.
 */
final class AccessChoice {
    private static final class Rule {
        private final byte[] path;
        private final AccessRule said;

        Rule(AccessRule said) {
            this.path = said.path().getBytes(UTF_8);
            this.said = said;
        }
    }

    private final Rule[] rules;

    /** The state of Marsaglia's xorshift64; never zero. */
    private long random;

    /** By these rules; the seed is any number. */
    AccessChoice(List<AccessRule> rules, long seed) {
        this.rules = rules.stream().map(Rule::new).toArray(Rule[]::new);
        random = seed == 0 ? 1 : seed;
    }

    boolean wants(AccessEntry entry) {
        for (Rule rule : rules) {
            AccessRule said = rule.said;
            if (entry.status >= said.leastStatus()
                    && entry.status <= said.mostStatus()
                    && fits(rule.path, said.begins(), entry.head)) {
                return said.share() == AccessRule.ALL || next() < said.share();
            }
        }
        return true;
    }

    private static boolean fits(byte[] path, boolean begins, RequestHead head) {
        int length = head.pathEnd - head.pathStart;
        if (begins ? length < path.length : length != path.length) {
            return false;
        }
        for (int at = 0; at < path.length; at++) {
            if (head.bytes[head.pathStart + at] != path[at]) {
                return false;
            }
        }
        return true;
    }

    /** From 0 to 99,999. */
    private int next() {
        random ^= random << 13;
        random ^= random >>> 7;
        random ^= random << 17;
        return (int) Long.remainderUnsigned(random, AccessRule.ALL);
    }
}

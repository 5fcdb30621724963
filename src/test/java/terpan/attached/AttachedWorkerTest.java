package terpan.attached;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import terpan.config.Address;
import terpan.config.Attach;

/** What follows for a worker from its name and its addresses; in virtual time. */
final class AttachedWorkerTest {
    private static final long SECOND = 1_000_000_000;

    private final Targets targets = new Targets();
    private long now = 7 * SECOND;

    private AttachedWorker worker(Address address, int capacity) {
        Attach attach = new Attach(address, capacity, 1, Attach.GROUP);
        return new AttachedWorker(attach, targets, Duration.ofSeconds(2), () -> {}, bound -> 0, now);
    }

    private AttachedWorker named() {
        return worker(new Address.Tcp("app", 9000), 4);
    }

    private static List<InetAddress> addresses(String... literals) {
        return Arrays.stream(literals).map(InetAddress::ofLiteral).toList();
    }

    private static AttachedAddress at(AttachedWorker worker, String literal) {
        SocketAddress address = new InetSocketAddress(InetAddress.ofLiteral(literal), 9000);
        return worker.addresses().stream()
                .filter(endpoint -> endpoint.target.address().equals(address))
                .findFirst()
                .orElseThrow();
    }

    private void pass(AttachedAddress endpoint) {
        endpoint.probeBegins(now);
        endpoint.probePassed("it takes connections", now);
    }

    private void fail(AttachedAddress endpoint) {
        endpoint.probeBegins(now);
        endpoint.probeFailed(Fault.CONNECT, "Connection refused", now);
    }

    private Set<SocketAddress> connectedTo(int times) {
        Set<SocketAddress> seen = new HashSet<>();
        for (int i = 0; i < times; i++) {
            seen.add(Objects.requireNonNull(targets.next()).address());
        }
        return seen;
    }

    @Test
    void anAddressIsNotLookedUp() {
        for (Address address : List.of(
                new Address.Unix(Path.of("/run/a.sock")),
                new Address.Tcp("127.0.0.1", 9000),
                new Address.Tcp("::1", 9000))) {
            AttachedWorker worker = worker(address, 1);
            assertThat(worker.lookupIsDue(now)).isFalse();
            assertThat(worker.state()).isEqualTo(AttachedState.STARTING);
            assertThat(worker.due()).isEqualTo(now);
            pass(worker.addresses().iterator().next());
            assertThat(worker.state()).isEqualTo(AttachedState.READY);
            assertThat(worker.room()).isEqualTo(1);
        }
    }

    @Test
    void aNameThatLeadsNowhereIsAskedAgainWithPausesThatGrow() {
        AttachedWorker worker = named();
        for (int pause : new int[] {1, 2, 4, 8, 16, 30, 30}) {
            assertThat(worker.lookupIsDue(now)).isTrue();
            worker.lookupBegins(now);
            assertThat(worker.lookupIsDue(now)).isFalse();
            worker.notFound("Name or service not known", now);
            assertThat(worker.state()).isEqualTo(AttachedState.EJECTED);
            assertThat(worker.fault()).isEqualTo(Fault.NAME);
            assertThat(worker.room()).isZero();
            assertThat(worker.isExpected()).isEqualTo(pause < 30);
            assertThat(worker.due()).isEqualTo(now + pause * SECOND);
            now += pause * SECOND;
        }
        assertThat(worker.reason()).isEqualTo("the name app leads nowhere: Name or service not known");
        worker.lookupBegins(now);
        worker.found(addresses("127.0.0.1"), now);
        assertThat(worker.isExpected()).isTrue();
        pass(at(worker, "127.0.0.1"));
        assertThat(worker.state()).isEqualTo(AttachedState.READY);
        assertThat(worker.room()).isEqualTo(4);
    }

    @Test
    void aLookupThatNobodyAnswersIsToldAndWaitedForOnce() {
        AttachedWorker worker = named();
        worker.lookupBegins(now);
        now = worker.due();
        assertThat(worker.lookupIsDue(now)).isTrue();
        worker.lookupTooLong();
        assertThat(worker.state()).isEqualTo(AttachedState.EJECTED);
        assertThat(worker.reason()).contains("within 5 s");
        assertThat(worker.due()).as("another would hang as well").isEqualTo(AttachedAddress.NEVER);
        worker.notFound("Temporary failure in name resolution", now);
        assertThat(worker.due()).isEqualTo(now + SECOND);
    }

    @Test
    void theAddressesThatAreReachedTakeTurns() {
        AttachedWorker worker = named();
        worker.lookupBegins(now);
        assertThat(worker.found(addresses("127.0.0.1", "127.0.0.2", "127.0.0.3"), now))
                .isTrue();
        pass(at(worker, "127.0.0.1"));
        assertThat(connectedTo(6)).hasSize(1);
        pass(at(worker, "127.0.0.3"));
        fail(at(worker, "127.0.0.2"));
        assertThat(connectedTo(6)).hasSize(2);
        assertThat(worker.state()).isEqualTo(AttachedState.READY);
        assertThat(worker.reason()).isEqualTo("it takes connections; 2 of 3 addresses");
        assertThat(worker.room()).as("one worker, however many addresses").isEqualTo(4);
    }

    @Test
    void onceNoAddressIsReachedItIsLeftOutAndWhyIsSaid() {
        AttachedWorker worker = named();
        worker.lookupBegins(now);
        worker.found(addresses("127.0.0.1", "::1"), now);
        fail(at(worker, "127.0.0.1"));
        assertThat(worker.state()).as("the other is not known yet").isEqualTo(AttachedState.STARTING);
        fail(at(worker, "::1"));
        assertThat(worker.state()).isEqualTo(AttachedState.EJECTED);
        assertThat(worker.reason()).contains("]:9000: Connection refused; none of 2 addresses is reached");
        assertThat(targets.next()).isNull();
        assertThat(worker.nextProbe()).isEqualTo(now + SECOND / 10);
    }

    @Test
    void itFollowsItsName() {
        AttachedWorker worker = named();
        worker.lookupBegins(now);
        worker.found(addresses("127.0.0.1", "127.0.0.2"), now);
        AttachedAddress left = at(worker, "127.0.0.1");
        pass(left);
        pass(at(worker, "127.0.0.2"));
        now += AttachedWorker.LOOKUP_EVERY.toNanos();
        assertThat(worker.lookupIsDue(now)).isTrue();
        worker.lookupBegins(now);
        assertThat(worker.found(addresses("127.0.0.2", "127.0.0.3"), now)).isTrue();
        assertThat(left.isGone()).isTrue();
        assertThat(connectedTo(4)).hasSize(1);
        pass(at(worker, "127.0.0.3"));
        assertThat(connectedTo(4)).hasSize(2);
        worker.lookupBegins(now);
        assertThat(worker.found(addresses("127.0.0.3", "127.0.0.2"), now))
                .as("the order says nothing")
                .isFalse();
    }

    @Test
    void whatANameLedToIsKeptWhileItLeadsNowhere() {
        AttachedWorker worker = named();
        worker.lookupBegins(now);
        worker.found(addresses("127.0.0.1"), now);
        pass(at(worker, "127.0.0.1"));
        worker.lookupBegins(now);
        worker.notFound("Temporary failure in name resolution", now);
        assertThat(worker.state()).isEqualTo(AttachedState.READY);
        assertThat(worker.reason())
                .isEqualTo("it takes connections; the name app leads nowhere: Temporary failure in name resolution,"
                        + " what it led to is kept");
        assertThat(targets.next()).isNotNull();
    }

    @Test
    void aWorkerThatIsNotReachedMayBeElsewhere() {
        AttachedWorker worker = named();
        worker.lookupBegins(now);
        worker.found(addresses("127.0.0.1"), now);
        worker.doubtName(now);
        assertThat(worker.lookupIsDue(now)).as("asked just now").isFalse();
        now += SECOND;
        assertThat(worker.lookupIsDue(now)).isTrue();
    }

    @Test
    void aNameWithVeryManyAddressesIsBounded() {
        AttachedWorker worker = named();
        worker.lookupBegins(now);
        String[] many = new String[200];
        for (int i = 0; i < many.length; i++) {
            many[i] = "10.0.0." + (i + 1);
        }
        worker.found(addresses(many), now);
        assertThat(worker.addresses()).hasSize(AttachedWorker.ADDRESSES_MOST);
    }

    @Test
    void anAddressOnTrialGetsOneRequestAtATime() {
        AttachedWorker worker = named();
        worker.lookupBegins(now);
        worker.found(addresses("127.0.0.1"), now);
        AttachedAddress endpoint = at(worker, "127.0.0.1");
        pass(endpoint);
        for (int i = 0; i < AttachedAddress.SILENT_MOST; i++) {
            endpoint.target.unanswered("no answer in time");
        }
        endpoint.look(now);
        assertThat(worker.room()).isZero();
        now = endpoint.due();
        pass(endpoint);
        assertThat(worker.room()).isEqualTo(1);
        assertThat(worker.reason()).isEqualTo("one request at a time, until one is answered");
        endpoint.target.answered();
        endpoint.look(now);
        assertThat(worker.room()).isEqualTo(4);
    }
}

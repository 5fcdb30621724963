package terpan.cli;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import terpan.admin.CommandResult;
import terpan.admin.Health;
import terpan.admin.Operations;

/** A Terpan that serves and does nothing that it is asked. */
interface RefusingOperations extends Operations {
    CommandResult REFUSED = new CommandResult.Refused("not asked for here");

    @Override
    default Health health() {
        return new Health.Serving();
    }

    @Override
    default CommandResult restart(String worker) {
        return REFUSED;
    }

    @Override
    default CommandResult restartAll() {
        return REFUSED;
    }

    @Override
    default CommandResult reload(boolean inPlace) {
        return REFUSED;
    }

    @Override
    default CommandResult rollback() {
        return REFUSED;
    }

    @Override
    default CommandResult maintenance(List<String> through) {
        return REFUSED;
    }

    @Override
    default CommandResult endMaintenance() {
        return REFUSED;
    }

    @Override
    default CommandResult scale(Optional<String> group, int count) {
        return REFUSED;
    }

    @Override
    default CommandResult pause(Duration most) {
        return REFUSED;
    }

    @Override
    default CommandResult resume() {
        return REFUSED;
    }
}

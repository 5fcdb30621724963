package terpan.cli;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import terpan.admin.CommandResult;
import terpan.admin.Health;
import terpan.admin.LogLine;
import terpan.admin.Operations;
import terpan.picture.Picture;

/** A Terpan that serves and does nothing that it is asked. */
interface RefusingOperations extends Operations {
    CommandResult REFUSED = new CommandResult.Refused("not asked for here");

    @Override
    default Optional<Picture> status(String application) {
        return Optional.empty();
    }

    @Override
    default Optional<Health> health(String application) {
        return Optional.empty();
    }

    @Override
    default Health health() {
        return new Health.Serving();
    }

    @Override
    default Optional<String> hangs() {
        return Optional.empty();
    }

    @Override
    default CommandResult restart(String worker) {
        return REFUSED;
    }

    @Override
    default CommandResult restartAll(String application) {
        return REFUSED;
    }

    @Override
    default CommandResult reload(String application, boolean inPlace) {
        return REFUSED;
    }

    @Override
    default CommandResult rollback(String application) {
        return REFUSED;
    }

    @Override
    default CommandResult maintenance(String application, List<String> through) {
        return REFUSED;
    }

    @Override
    default CommandResult endMaintenance(String application) {
        return REFUSED;
    }

    @Override
    default CommandResult scale(String application, Optional<String> group, OptionalInt count) {
        return REFUSED;
    }

    @Override
    default CommandResult pause(String application, Duration most) {
        return REFUSED;
    }

    @Override
    default CommandResult resume(String application) {
        return REFUSED;
    }

    @Override
    default CommandResult upgrade(Optional<Path> program) {
        return REFUSED;
    }

    @Override
    default Stack stack(String worker) {
        return new Stack.Not(true, "not asked for here");
    }

    @Override
    default List<LogLine> lines(long since) {
        return List.of();
    }
}

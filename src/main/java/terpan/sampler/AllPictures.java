package terpan.sampler;

import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import terpan.metrics.Metrics;
import terpan.picture.Activity;
import terpan.picture.Picture;
import terpan.spool.SpoolSpace;

/** The picture of several applications: each by itself, and what they are together. */
public final class AllPictures implements Supplier<Picture> {
    private final Pictures.Constants constants;
    private final Pictures.Life life;
    private final Metrics nobodys;
    private final SpoolSpace spool;
    private final Supplier<List<Picture.Application>> applications;
    private final InstantSource clock;

    /**
     * Takes none yet.
     *
     * @param nobodys what was counted of requests that are no application's
     * @param applications each as it is now
     */
    public AllPictures(
            Pictures.Constants constants,
            Pictures.Life life,
            Metrics nobodys,
            SpoolSpace spool,
            Supplier<List<Picture.Application>> applications,
            InstantSource clock) {
        this.constants = constants;
        this.life = life;
        this.nobodys = nobodys;
        this.spool = spool;
        this.applications = applications;
        this.clock = clock;
    }

    @Override
    public Picture get() {
        List<Picture.Application> each = applications.get();
        List<Picture> pictures = each.stream().map(Picture.Application::picture).toList();
        return new Picture(
                constants.version(),
                constants.pid(),
                life.state(),
                constants.started(),
                Duration.between(constants.started(), clock.instant()),
                life.binds(),
                pictures.stream().map(Picture::server).distinct().collect(Collectors.joining(", ")),
                life.application(),
                pictures.stream().mapToInt(Picture::generation).max().orElse(1),
                Optional.empty(),
                pictures.stream().mapToInt(Picture::queueLength).sum(),
                pictures.stream().mapToInt(Picture::queueBound).sum(),
                pictures.stream().mapToInt(Picture::inFlight).sum(),
                pictures.stream().mapToLong(Picture::tunnels).sum(),
                new Picture.Spool(spool.bytesOnDisk(), spool.most(), spool.answersWaiting()),
                Stream.concat(
                                Stream.of(Pictures.requests(nobodys)),
                                pictures.stream().map(Picture::requests))
                        .reduce(AllPictures::sum)
                        .orElseThrow(),
                all(pictures, Picture::groups),
                all(pictures, Picture::workers),
                all(pictures, Picture::slots),
                pictures.stream().mapToLong(Picture::stuck).sum(),
                life.connectionsMost(),
                life.buffers(),
                life.dropped(),
                life.tlsEngine(),
                life.certificates(),
                life.issuance(),
                each,
                Activity.NONE);
    }

    private static <T> List<T> all(List<Picture> pictures, Function<Picture, List<T>> part) {
        return pictures.stream()
                .flatMap(picture -> part.apply(picture).stream())
                .toList();
    }

    private static Picture.Requests sum(Picture.Requests one, Picture.Requests other) {
        return new Picture.Requests(
                one.informational() + other.informational(),
                one.success() + other.success(),
                one.redirection() + other.redirection(),
                one.clientError() + other.clientError(),
                one.serverError() + other.serverError(),
                one.none() + other.none());
    }
}

package terpan.acme;

import java.time.Instant;

/**
 * That a certificate could not be had, over and over.
 *
 * @param tries how many in a row have failed, from 1
 * @param at when the last one did
 * @param next when it is tried again
 * @param asked whether the authority asked not to come before that
 * @param why what the last one failed for
 */
public record Failure(int tries, Instant at, Instant next, boolean asked, String why) {}

package terpan.worker;

/**
 * How workers of a new generation did beside those that serve.
 *
 * @param well whether they may take over
 * @param text the figures of both, for people
 */
public record Proven(boolean well, String text) {}

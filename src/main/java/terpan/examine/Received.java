package terpan.examine;

/**
 * What has come on a connection so far.
 *
 * @param text each byte a character
 * @param ended whether the other side has closed
 */
record Received(String text, boolean ended) {}

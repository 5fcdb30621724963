package terpan.link;
/** To come. */
final class RelayedLink {}

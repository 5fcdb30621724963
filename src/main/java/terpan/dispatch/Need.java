package terpan.dispatch;

/** What a request asks of the slot it is granted. */
enum Need {
    /** A place in the slot's window. */
    ANY,
    /** A place within the slot's capacity: it starts at once, with nobody before it. */
    WITHIN_CAPACITY,
    /** A slot with nothing in flight: its body could not be sent once more, so it could not be given back. */
    EMPTY
}

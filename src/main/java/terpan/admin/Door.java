package terpan.admin;

import java.io.IOException;

/** Says what whoever comes by a listener of operators gets. Called by many at once. */
interface Door {
    Reply answer(AdminRequest request) throws IOException;
}

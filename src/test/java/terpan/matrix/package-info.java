/** Every server times everything that an application and its clients may rely on: the rows and columns of docs/server-matrix.md. */
package terpan.matrix;

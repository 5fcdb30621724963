/** Tests of the examinations. */
package terpan.examine;

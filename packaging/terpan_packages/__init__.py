"""What is installed of Terpan: one image with a Java of its own, wrapped as a wheel and as other packages."""

"""What ends a process or damages a disk, many times over: the tests do a little of it, `make soak` all."""

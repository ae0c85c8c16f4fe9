// libpq, and the two system headers that Swift's Glibc module leaves out.
#pragma once
#include <libpq-fe.h>
#include <poll.h>
#include <sys/eventfd.h>

// The TOML library is compiled here, once: it has no archive for programs that are linked statically.
#define TOML_HEADER_ONLY 0
#define TOML_IMPLEMENTATION
#include <toml++/toml.h>

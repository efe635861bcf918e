// Boost.JSON inside the library: Debian's static one is not position independent.
#include <boost/json/src.hpp>

#pragma once
// The app's system call filter as the `linux.seccomp` object of a runtime config.
#include <boost/json/object.hpp>

#include "oci/runtime_config.hpp"

namespace iapp::oci {

boost::json::object seccomp_profile(Sockets sockets);

}  // namespace iapp::oci

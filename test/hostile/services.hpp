#pragma once
// The services of a network as a stranger sees them: real servers on loopback, no chain behind them.
#include <memory>
#include <string>
#include <vector>

#include "net/http.hpp"

namespace iapp::hostile {

/// One service and what is known to work on it.
struct Target {
    std::string name;
    std::uint16_t port;

    // A request anybody may make, and its answer.
    std::string probe_method;
    std::string probe_path;
    int probe_status;

    std::string post_path;              ///< takes a body
    std::uint64_t largest_body;         ///< that `post_path` takes
    std::vector<std::string> id_paths;  ///< what comes next is an identifier: a hash, an address, a CID

    std::string probe() const { return probe_method + ' ' + probe_path + " HTTP/1.1\r\nHost: x\r\n\r\n"; }
};

class Services {
public:
    Services();
    ~Services();
    Services(Services&&) = delete;

    const std::vector<Target>& targets() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace iapp::hostile

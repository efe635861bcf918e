#pragma once
// Host names to endpoints with a deadline, which getaddrinfo(3) itself does not have.
#include <boost/asio/ip/tcp.hpp>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "net/call_context.hpp"

namespace iapp::net::internal {

/// Numeric hosts resolve without a look-up. Errors: unavailable "net.resolve"; deadline_exceeded "net.deadline".
Result<std::vector<boost::asio::ip::tcp::endpoint>> resolve(const std::string& host, std::uint16_t port, Deadline deadline);

}  // namespace iapp::net::internal

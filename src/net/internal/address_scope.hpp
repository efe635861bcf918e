#pragma once
// Which addresses lie on the public internet: everything else belongs to this machine, to its neighbours, or to nobody.
#include <boost/asio/ip/address.hpp>

namespace iapp::net::internal {

/// False for loopback, link-local, private, shared, documentation, multicast and reserved addresses, and for IPv6 addresses
/// that only carry an IPv4 address (IANA special-purpose registries, RFC 6890).
bool is_public(const boost::asio::ip::address& address);

}  // namespace iapp::net::internal

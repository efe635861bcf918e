#include "devnet/port_check.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <thread>

#include "runtime/fd.hpp"

namespace iapp::devnet {
namespace {

/// A port that only remembers closed connections is free.
bool is_free(std::uint16_t port)
{
    const runtime::UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const int yes = 1;
    ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 && ::listen(fd.get(), 1) == 0;
}

}  // namespace

Status check_ports_free(const Settings& settings, std::chrono::milliseconds patience)
{
    const auto deadline = std::chrono::steady_clock::now() + patience;
    for (std::size_t i = 0; i < kPortNames.size(); ++i) {
        if (settings.node && static_cast<Port>(i) == Port::rpc) continue;
        const std::uint16_t port = settings.ports.all()[i];
        while (!is_free(port)) {
            if (std::chrono::steady_clock::now() > deadline)
                return fail(ErrorKind::conflict, "devnet.port_taken",
                            "port " + std::to_string(port) + " (" + std::string(kPortNames[i]) +
                                ") is taken by another program, or this user may not open it");
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
        }
    }
    return {};
}

}  // namespace iapp::devnet

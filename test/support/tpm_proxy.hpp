#pragma once
// Sits between a program and a software TPM and sees every command: what a second program, or a bad bus, does to a TPM that
// is in use. The transport opens one connection for each command.
#include <functional>

#include "support/swtpm.hpp"

namespace iapp::test {

/// TPM_CC of the commands that tests watch for.
inline constexpr std::uint32_t kPcrRead = 0x17E, kQuote = 0x158;

class TpmProxy {
public:
    /// Called with each command before the TPM sees it; may change it, and may extend().
    using Watcher = std::function<void(std::uint32_t code, Bytes& command)>;

    TpmProxy(const Swtpm& swtpm, Watcher watch) : tpm_port_(swtpm.port()), watch_(std::move(watch))
    {
        while (!(commands_ = listen_on(0)) || !(control_ = listen_on(port_of(commands_.get()) + 1))) {
        }
        threads_[0] = std::thread([this] { serve(commands_.get(), tpm_port_, true); });
        threads_[1] = std::thread([this] { serve(control_.get(), tpm_port_ + 1, false); });
    }
    ~TpmProxy()
    {
        ::shutdown(commands_.get(), SHUT_RDWR);
        ::shutdown(control_.get(), SHUT_RDWR);
        for (std::thread& thread : threads_) thread.join();
    }
    TpmProxy(const TpmProxy&) = delete;
    TpmProxy& operator=(const TpmProxy&) = delete;

    std::string tcti() const { return "swtpm:host=127.0.0.1,port=" + std::to_string(port_of(commands_.get())); }

    /// TPM2_PCR_Extend of a SHA-256 register, past the program that is being watched.
    void extend(std::uint8_t pcr) const
    {
        Bytes command{0x80, 0x02, 0, 0, 0, 65, 0, 0, 0x01, 0x82, 0, 0, 0, pcr, 0, 0,   0,
                      9,    0x40, 0, 0, 9, 0,  0, 0, 0,    0,    0, 0, 0, 1,   0, 0x0b};
        command.resize(65, 0x77);
        const Bytes answer = exchange(command, tpm_port_);
        EXPECT_EQ(answer.size() >= 10 ? answer[6] + answer[7] + answer[8] + answer[9] : 1, 0) << "the extension failed";
    }

private:
    static sockaddr_in loopback(int port)
    {
        sockaddr_in address = {};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        address.sin_port = htons(static_cast<std::uint16_t>(port));
        return address;
    }

    static runtime::UniqueFd listen_on(int port)
    {
        runtime::UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        const sockaddr_in address = loopback(port);
        const bool bound = ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
        if (!bound || ::listen(fd.get(), 8) != 0) fd.reset();
        return fd;
    }

    static int port_of(int fd)
    {
        sockaddr_in address = {};
        socklen_t size = sizeof address;
        ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
        return ntohs(address.sin_port);
    }

    /// TPM commands and answers carry their length in bytes 2 to 5; control messages come in one piece.
    static Bytes receive(int fd, bool framed)
    {
        Bytes message(8192);
        std::size_t size = 0;
        std::size_t wanted = framed ? 10 : 1;
        while (size < wanted && wanted <= message.size()) {
            const ssize_t n = ::recv(fd, message.data() + size, message.size() - size, 0);
            if (n <= 0) return {};
            size += static_cast<std::size_t>(n);
            if (framed && size >= 10) wanted = std::size_t{message[4]} << 8 | message[5];
        }
        message.resize(size);
        return message;
    }

    static Bytes exchange(const Bytes& message, int port, bool framed = true)
    {
        const runtime::UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        const sockaddr_in address = loopback(port);
        if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return {};
        ::send(fd.get(), message.data(), message.size(), MSG_NOSIGNAL);
        return receive(fd.get(), framed);
    }

    void serve(int listener, int port, bool framed)
    {
        while (true) {
            const runtime::UniqueFd client(::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC));
            if (!client) return;
            for (Bytes message = receive(client.get(), framed); !message.empty(); message = receive(client.get(), framed)) {
                if (framed) watch_(std::uint32_t{message[8]} << 8 | message[9], message);
                const Bytes answer = exchange(message, port, framed);
                if (answer.empty()) break;
                ::send(client.get(), answer.data(), answer.size(), MSG_NOSIGNAL);
            }
        }
    }

    int tpm_port_;
    Watcher watch_;
    runtime::UniqueFd commands_, control_;
    std::thread threads_[2];
};

}  // namespace iapp::test

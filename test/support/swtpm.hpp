#pragma once
// A software TPM as a process of its own, for one test: fresh state in a temporary folder, a loopback port, killed at the
// end. Not a mock: commands, keys and quotes are those of a TPM 2.0.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <thread>

#include "runtime/process.hpp"
#include "tpm2/tpm.hpp"

namespace iapp::test {

class Swtpm {
public:
    Swtpm()
    {
        std::string name = (std::filesystem::temp_directory_path() / "iapp-swtpm-XXXXXX").string();
        state_ = ::mkdtemp(name.data());
        for (int i = 0; i < 20 && !start(); ++i) process_.reset();
        if (!process_) throw std::runtime_error("swtpm does not start; its words are in " + (state_ / "log").string());
    }
    ~Swtpm()
    {
        process_.reset();
        std::filesystem::remove_all(state_);
    }
    Swtpm(const Swtpm&) = delete;
    Swtpm& operator=(const Swtpm&) = delete;

    std::string tcti() const { return "swtpm:host=127.0.0.1,port=" + std::to_string(port_); }

    tpm2::Tpm open() const
    {
        auto tpm = tpm2::Tpm::open(tcti());
        if (!tpm) throw std::runtime_error(tpm.error().detail);
        return *std::move(tpm);
    }

    pid_t pid() const { return process_->pid(); }
    int port() const { return port_; }

    /// Power off and on: the state stays, the registers start again.
    void restart()
    {
        process_->terminate(std::chrono::seconds(2));
        process_.reset();
        for (int i = 0; i < 20 && !start(); ++i) process_.reset();
        if (!process_) throw std::runtime_error("swtpm does not start again");
    }

private:
    /// True when something could be bound to this loopback port a moment ago.
    static bool is_free(std::uint16_t port, std::uint16_t* chosen = nullptr)
    {
        const runtime::UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        sockaddr_in address = {};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        address.sin_port = htons(port);
        socklen_t size = sizeof address;
        if (::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), size) != 0) return false;
        if (chosen && ::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &size) == 0)
            *chosen = ntohs(address.sin_port);
        return true;
    }

    /// The transport expects the control channel one port above the commands.
    bool start()
    {
        if (!is_free(0, &port_) || !is_free(static_cast<std::uint16_t>(port_ + 1))) return false;
        const auto channel = [](int port) { return "type=tcp,bindaddr=127.0.0.1,port=" + std::to_string(port); };
        auto started = runtime::Process::spawn(
            {.program = "swtpm",
             .args = {"socket", "--tpm2", "--tpmstate", "dir=" + state_.string(), "--server", channel(port_), "--ctrl",
                      channel(port_ + 1), "--flags", "not-need-init,startup-clear"},
             .out = runtime::Output::to_file(state_ / "log"),
             .err = runtime::Output::to_file(state_ / "log"),
             .die_with_spawner = true});
        if (!started) throw std::runtime_error(started.error().detail);
        process_.emplace(*std::move(started));
        for (int i = 0; i < 200 && process_->is_running(); ++i) {
            if (listens()) return true;
            std::this_thread::sleep_for(std::chrono::milliseconds(25));
        }
        return false;
    }

    /// The control channel takes connections as soon as the TPM is there.
    bool listens() const
    {
        const runtime::UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        sockaddr_in address = {};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        address.sin_port = htons(static_cast<std::uint16_t>(port_ + 1));
        return ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    }

    std::filesystem::path state_;
    std::uint16_t port_ = 0;
    std::optional<runtime::Process> process_;
};

}  // namespace iapp::test

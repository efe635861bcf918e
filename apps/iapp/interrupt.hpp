#pragma once
// While this lives, Ctrl-C (or SIGTERM) does not end the program: the one who waits asks, and says what was left.
#include <csignal>

namespace iapp::cli {

class Interrupt {
public:
    Interrupt();
    ~Interrupt();
    Interrupt(const Interrupt&) = delete;
    Interrupt& operator=(const Interrupt&) = delete;

    static bool requested();

private:
    struct sigaction before_int_ = {};
    struct sigaction before_term_ = {};
};

}  // namespace iapp::cli

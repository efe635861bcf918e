#include "interrupt.hpp"

namespace iapp::cli {
namespace {

volatile std::sig_atomic_t interrupted = 0;

void note(int) { interrupted = 1; }

}  // namespace

Interrupt::Interrupt()
{
    interrupted = 0;
    struct sigaction action = {};
    action.sa_handler = note;
    sigaction(SIGINT, &action, &before_int_);
    sigaction(SIGTERM, &action, &before_term_);
}

Interrupt::~Interrupt()
{
    sigaction(SIGINT, &before_int_, nullptr);
    sigaction(SIGTERM, &before_term_, nullptr);
}

bool Interrupt::requested() { return interrupted != 0; }

}  // namespace iapp::cli

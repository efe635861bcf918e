#pragma once
// Starts the services a configuration names and stops them in reverse order.
#include <memory>
#include <vector>

#include "base/clock.hpp"
#include "config.hpp"

namespace iapp::daemon {

class Hosted {
public:
    virtual ~Hosted() = default;
};

/// Errors: not_found "iappd.file"; those of the services.
Result<std::vector<std::unique_ptr<Hosted>>> start_all(const Config& config, const Clock& clock);

}  // namespace iapp::daemon

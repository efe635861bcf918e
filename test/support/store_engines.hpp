#pragma once
// The engines a test of a database runs on: testing::TestWithParam<test::Engine>, one empty database for each case.
#include "support/postgres.hpp"

namespace iapp::test {

enum class Engine { sqlite, postgres };

/// Where a database of its own can be opened; empty when this machine has no server: skip, and say so.
inline std::string fresh_location(Engine engine)
{
    if (engine == Engine::sqlite) return ":memory:";
    PostgresServer* const server = PostgresServer::shared();
    return server ? server->fresh_url() : "";
}

inline constexpr const char* kNoServer = "NO POSTGRESQL SERVER ON THIS MACHINE: nothing of it was tested";

inline const auto kEngines = testing::Values(Engine::sqlite, Engine::postgres);

inline std::string engine_name(const testing::TestParamInfo<Engine>& info)
{
    return info.param == Engine::sqlite ? "sqlite" : "postgres";
}

}  // namespace iapp::test

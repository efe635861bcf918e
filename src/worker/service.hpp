#pragma once
// One worker: leases tasks, runs the agent for each in a TEE, contributes what it computed. Holds the worker's own key, no
// data. After a crash it finishes what was computed and runs again what was not.
#include <memory>
#include <thread>

#include "chain/hub.hpp"
#include "chain/sender.hpp"
#include "wire/network.hpp"
#include "worker/agent_runner.hpp"
#include "worker/run_book.hpp"
#include "worker/scheduler_client.hpp"
#include "worker/task_log.hpp"

namespace iapp::worker {

struct Options {
    std::filesystem::path database;
    std::filesystem::path work_dir;  ///< agents make their tmpfs below it
    AgentProgram agent;
    std::chrono::milliseconds idle_pause{200};  ///< at least, between two questions for a task
};

class Service {
public:
    /// Errors: precondition_failed "network.no_trust", "network.no_core"; unavailable "worker.work_dir" (it cannot be
    /// made); those of store. `clock` must outlive the service.
    static Result<std::unique_ptr<Service>> start(Options options, wire::Network network, eth::Wallet wallet,
                                                  const Clock& clock);
    ~Service();  ///< stop()
    void stop();

private:
    Service(Options options, wire::Network network, eth::Wallet wallet, RunBook book, const Clock& clock);

    void work(const std::stop_token& stop);
    void end_orphans() const;
    void make_agent_ready();
    Result<ReadyAgent> take_agent();
    Status resume(const std::stop_token& stop);
    Status resume_one(const Run& run, const std::stop_token& stop);
    Result<bool> take_one(const std::stop_token& stop);
    Status carry_out(const wire::Lease& lease, const std::stop_token& stop);
    Status run_and_contribute(const wire::Lease& lease, const std::shared_ptr<TaskLog>& task_log,
                              const std::stop_token& stop);
    Result<wire::AgentResult> result_of(const wire::Lease& lease, const std::shared_ptr<TaskLog>& task_log,
                                        const std::stop_token& stop);
    Result<wire::AgentResult> compute(const wire::Lease& lease, const std::shared_ptr<TaskLog>& task_log,
                                      const std::stop_token& stop);
    Status contribute(const wire::Lease& lease, const wire::AgentResult& result, TaskLog& task_log,
                      const std::stop_token& stop);
    Status contribute_once(const wire::Lease& lease, const wire::AgentResult& result, const TaskLog& task_log,
                           const std::stop_token& stop);
    void report_failure(const wire::Lease& lease, const Error& error, TaskLog& task_log, const std::stop_token& stop);
    std::jthread keep_alive(const wire::Lease& lease, const std::stop_source& abandon) const;
    wire::AgentConfig config_for(const wire::Lease& lease) const;

    Options options_;
    wire::Network network_;
    eth::Wallet wallet_;
    const Clock& clock_;
    RunBook book_;
    net::HttpClient http_;
    chain::JsonRpcClient rpc_;
    chain::Hub hub_;
    chain::StoredJournal journal_;
    chain::TransactionSender sender_;
    SchedulerClient scheduler_;
    std::optional<ReadyAgent> ready_agent_;  ///< touched by the thread only, which these must not outlive
    std::unique_ptr<AgentRun> agent_run_;    ///< the last one; it may still be tidying up
    std::jthread thread_;
};

}  // namespace iapp::worker

#pragma once
// The scheduler of one workerpool: follows its deals, initialises tasks, leases them to workers, authorises contributions,
// claims what nobody finished. Holds the pool owner's key and nothing about data.
#include <condition_variable>
#include <filesystem>
#include <memory>
#include <set>
#include <thread>

#include "chain/follower.hpp"
#include "chain/hub.hpp"
#include "chain/sender.hpp"
#include "net/server.hpp"
#include "scheduler/log_challenge.hpp"
#include "scheduler/offers.hpp"
#include "scheduler/pool_sink.hpp"
#include "scheduler/task_bell.hpp"
#include "scheduler/task_book.hpp"
#include "scheduler/task_view.hpp"
#include "wire/network.hpp"

namespace iapp::scheduler {

struct Options {
    std::string database;            ///< a file or a URL, as store::Database::open takes it
    std::set<eth::Address> workers;  ///< who may work here; empty means nobody
    std::chrono::seconds lease_length{30};
    std::chrono::milliseconds tick{25};  ///< how often the chain is looked at, unless somebody says that there is news
    net::ServerOptions http{};
};

class Service {
public:
    /// Opens the book, checks that `wallet` owns the workerpool, starts the watcher and the API.
    /// Errors: precondition_failed "scheduler.owner"; those of store, chain and net.
    static Result<std::unique_ptr<Service>> start(Options options, wire::Network network, eth::Wallet wallet,
                                                  const Clock& clock);

    ~Service();  ///< stop()
    void stop();
    std::string origin() const { return server_.origin(); }

private:
    Service(Options options, wire::Network network, eth::Wallet wallet, TaskBook book, const Clock& clock);

    // The watcher: one thread, gather -> decide -> act for each open task.
    void watch(const std::stop_token& stop);
    Status tick(const net::CallContext& call);
    Status book_new_deals(const chain::BlockRef& head, const net::CallContext& call);
    void begin_where_time_ran_out(std::vector<TaskRecord>& records) const;
    Status forget_old_things();
    Status advance(const TaskRecord& record, const chain::BlockRef& head, const net::CallContext& call);
    Result<TaskFacts> gather(const TaskRecord& record, const chain::BlockId& at, const net::CallContext& call);
    Status act(const Decision& decision, const TaskRecord& record, const TaskFacts& facts, const net::CallContext& call);
    Status initialize(const TaskRecord& record, const net::CallContext& call);
    Status claim(const TaskRecord& record, bool initialized, const net::CallContext& call);
    void set_offered(const poco::TaskId& task, bool offered);
    void rest(std::chrono::milliseconds time, const std::stop_token& stop);
    void look_now();

    // The API for workers.
    void add_routes();
    Result<eth::Address> authenticate(const net::Request& request);
    void post_lease(net::Pending pending);
    Result<net::Response> post_renew(const net::Request& request, const net::CallContext& call);
    Result<net::Response> post_authorize(const net::Request& request, const net::CallContext& call);
    Result<net::Response> post_report(const net::Request& request, const net::CallContext& call);
    Result<LeaseRecord> lease_of_contributor(const wire::Report& report, const eth::Address& worker,
                                             const net::CallContext& call);
    Result<LeaseRecord> lease_of_report(const wire::Report& report, const eth::Address& worker,
                                        const net::CallContext& call);
    void tell_news(const poco::TaskId& task);
    void await_news(const poco::TaskId& task, const net::Request& request, const net::CallContext& call);
    void lease_out(const std::stop_token& stop);
    Result<net::Response> tell(const LeaseRecord& lease, const net::Pending& pending, const std::stop_token& stop);
    Result<wire::Lease> describe(const LeaseRecord& lease, const net::CallContext& call);
    Status check_attested(const poco::TaskId& task, const eth::Address& enclave, const net::CallContext& call);

    // The API for everyone.
    void add_public_routes();
    Result<TaskStory> story_of(const poco::TaskId& task, const net::CallContext& call);
    Result<net::Response> get_task(const net::Request& request, const net::CallContext& call);
    Result<net::Response> get_replicate(const net::Request& request, const net::CallContext& call);
    Result<net::Response> get_log_challenge(const net::Request& request, const net::CallContext& call);
    Result<std::vector<LogRecord>> await_logs(const poco::TaskId& task, const net::CallContext& call);
    Result<std::vector<LogRecord>> logs_for_reader(const net::Request& request, const net::CallContext& call);
    Result<net::Response> get_logs(const net::Request& request, const net::CallContext& call);
    Result<net::Response> get_replicate_logs(const net::Request& request, const net::CallContext& call);
    Result<net::Response> get_worker_config(const net::Request& request, const net::CallContext& call);
    Result<net::Response> get_metrics(const net::Request& request, const net::CallContext& call);

    Options options_;
    wire::Network network_;
    eth::Wallet wallet_;
    const Clock& clock_;
    TaskBook book_;
    net::HttpClient http_;
    chain::JsonRpcClient rpc_;
    chain::Hub hub_;
    chain::StoredJournal journal_;
    chain::TransactionSender sender_;
    PoolSink sink_;
    chain::LogFollower follower_;
    net::HttpServer server_;

    std::mutex mutex_;
    std::condition_variable_any look_wanted_;
    bool is_look_wanted_ = false;
    TaskBell bell_;
    Offers offers_;
    LogChallenges log_challenges_;
    UnixSeconds purged_at_{};                  ///< of the watcher, and the next too
    std::optional<poco::TaskId> last_served_;  ///< by a look that ran out of time
    std::jthread watcher_;
    std::vector<std::jthread> leasing_;  ///< each tells one worker at a time what it gets
};

}  // namespace iapp::scheduler

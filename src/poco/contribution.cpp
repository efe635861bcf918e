#include "poco/contribution.hpp"

#include "poco/internal/pack.hpp"

namespace iapp::poco {

using internal::packed_hash;

Hash256 result_hash(const TaskId& task, const Hash256& digest) { return packed_hash(task, digest); }

Hash256 result_seal(const Address& worker, const TaskId& task, const Hash256& digest)
{
    return packed_hash(worker, task, digest);
}

Hash256 authorization_hash(const Address& worker, const TaskId& task, const Address& enclave_challenge)
{
    return packed_hash(worker, task, enclave_challenge);
}

Hash256 enclave_message(const Hash256& result_hash, const Hash256& result_seal)
{
    return packed_hash(result_hash, result_seal);
}

Hash256 enclave_message(const Address& worker, const TaskId& task, const Hash256& digest)
{
    return enclave_message(result_hash(task, digest), result_seal(worker, task, digest));
}

Hash256 worker_api_message(const TaskId& task, const Address& worker) { return packed_hash(task, worker); }

}  // namespace iapp::poco

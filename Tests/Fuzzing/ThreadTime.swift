import Glibc

/// What the calling thread has used of the processor.
enum ThreadTime {
    static var milliseconds: Int {
        var usage = rusage()
        // RUSAGE_THREAD, which the header keeps for programs that ask for everything.
        getrusage(__rusage_who_t(1), &usage)
        let seconds = usage.ru_utime.tv_sec + usage.ru_stime.tv_sec
        return seconds * 1000 + (Int(usage.ru_utime.tv_usec) + Int(usage.ru_stime.tv_usec)) / 1000
    }
}

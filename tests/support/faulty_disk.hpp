// A disk below SQLite that fails when a test says so: every database that is opened while it is
// there goes through it. Asked before each step ("open", "read", "write", "sync") with the file's
// path; what is returned is the errno that the step fails with, 0: go on. One at a time.
#pragma once

#include <sqlite3.h>

#include <cerrno>
#include <cstring>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace ie::testing {

class faulty_disk {
  public:
    using fault = std::function<int(std::string_view step, const std::string& path)>;

    explicit faulty_disk(fault asked) {
        state& disk = there();
        disk.asked = std::move(asked);
        sqlite3_vfs_register(&disk.vfs, 1);
    }
    // What was opened meanwhile works on, and fails no more.
    ~faulty_disk() {
        there().asked = nullptr;
        sqlite3_vfs_unregister(&there().vfs);
    }
    faulty_disk(const faulty_disk&) = delete;
    faulty_disk& operator=(const faulty_disk&) = delete;

    void set(fault asked) { there().asked = std::move(asked); }

    // Every such step on a file whose path ends so fails with EIO.
    static fault on(std::string step, std::string path_end) {
        return [step = std::move(step), path_end = std::move(path_end)](std::string_view asked,
                                                                        const std::string& path) {
            return asked == step && path.ends_with(path_end) ? EIO : 0;
        };
    }

  private:
    struct file {
        sqlite3_file base;
        std::string* path;
        sqlite3_file* below() { return reinterpret_cast<sqlite3_file*>(this + 1); }
    };
    static file& of(sqlite3_file* at) { return *reinterpret_cast<file*>(at); }
    static sqlite3_file* below(sqlite3_file* at) { return of(at).below(); }
    static const sqlite3_io_methods& real(sqlite3_file* at) { return *below(at)->pMethods; }

    struct state {
        fault asked;
        sqlite3_vfs* below = sqlite3_vfs_find(nullptr);
        sqlite3_vfs vfs = *below;
        int last = 0;  // errno, as the system has it: of the last failure

        state() {
            vfs.zName = "faulty";
            vfs.szOsFile = static_cast<int>(sizeof(file)) + below->szOsFile;
            vfs.xOpen = faulty_disk::open;
            vfs.xGetLastError = [](sqlite3_vfs*, int, char*) { return there().last; };
        }
        bool fails(std::string_view step, const std::string& path) {
            const int code = asked ? asked(step, path) : 0;
            if (code != 0) errno = last = code;
            return code != 0;
        }
        int done(int code) {
            if (code != SQLITE_OK && code != SQLITE_IOERR_SHORT_READ) last = errno;
            return code;
        }
    };
    static state& there() {
        static state one;
        return one;
    }

    static int open(sqlite3_vfs*, const char* name, sqlite3_file* at, int flags, int* got) {
        file& opened = of(at);
        opened.base.pMethods = nullptr;
        opened.path = new std::string(name == nullptr ? "" : name);
        state& disk = there();
        int code = SQLITE_IOERR;
        if (!disk.fails("open", *opened.path)) {
            code = disk.done(disk.below->xOpen(disk.below, name, opened.below(), flags, got));
        }
        if (code == SQLITE_OK) {
            opened.base.pMethods = &methods();
        } else {
            delete std::exchange(opened.path, nullptr);
        }
        return code;
    }

    static const sqlite3_io_methods& methods() {
        static const sqlite3_io_methods all = [] {
            sqlite3_io_methods out{};
            out.iVersion = 2;
            out.xClose = [](sqlite3_file* at) {
                delete std::exchange(of(at).path, nullptr);
                return real(at).xClose(below(at));
            };
            out.xRead = [](sqlite3_file* at, void* to, int size, sqlite3_int64 from) {
                if (there().fails("read", *of(at).path)) return SQLITE_IOERR_READ;
                return there().done(real(at).xRead(below(at), to, size, from));
            };
            out.xWrite = [](sqlite3_file* at, const void* bytes, int size, sqlite3_int64 to) {
                if (there().fails("write", *of(at).path)) return SQLITE_IOERR_WRITE;
                return there().done(real(at).xWrite(below(at), bytes, size, to));
            };
            out.xSync = [](sqlite3_file* at, int flags) {
                if (there().fails("sync", *of(at).path)) return SQLITE_IOERR_FSYNC;
                return there().done(real(at).xSync(below(at), flags));
            };
            out.xTruncate = [](sqlite3_file* at, sqlite3_int64 size) {
                return real(at).xTruncate(below(at), size);
            };
            out.xFileSize = [](sqlite3_file* at, sqlite3_int64* size) {
                return real(at).xFileSize(below(at), size);
            };
            out.xLock = [](sqlite3_file* at, int how) { return real(at).xLock(below(at), how); };
            out.xUnlock = [](sqlite3_file* at, int how) {
                return real(at).xUnlock(below(at), how);
            };
            out.xCheckReservedLock = [](sqlite3_file* at, int* is) {
                return real(at).xCheckReservedLock(below(at), is);
            };
            out.xFileControl = [](sqlite3_file* at, int what, void* with) {
                return real(at).xFileControl(below(at), what, with);
            };
            out.xSectorSize = [](sqlite3_file* at) { return real(at).xSectorSize(below(at)); };
            out.xDeviceCharacteristics = [](sqlite3_file* at) {
                return real(at).xDeviceCharacteristics(below(at));
            };
            out.xShmMap = [](sqlite3_file* at, int page, int size, int extend, void volatile** to) {
                return real(at).xShmMap(below(at), page, size, extend, to);
            };
            out.xShmLock = [](sqlite3_file* at, int offset, int n, int flags) {
                return real(at).xShmLock(below(at), offset, n, flags);
            };
            out.xShmBarrier = [](sqlite3_file* at) { real(at).xShmBarrier(below(at)); };
            out.xShmUnmap = [](sqlite3_file* at, int remove) {
                return real(at).xShmUnmap(below(at), remove);
            };
            return out;
        }();
        return all;
    }
};

}  // namespace ie::testing

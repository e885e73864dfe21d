#include "cli/completion.hpp"

#include <algorithm>

#include "cli/parser.hpp"
#include "cli/service.hpp"

namespace ie::cli {
namespace {

struct word {
    std::string text;
    std::string description;
};

struct value_flag {
    std::vector<std::string> names;    // "--level"
    std::vector<std::string> choices;  // empty: any text
};

// What may follow when the words so far name this command.
struct place {
    std::string path;  // "/emails/list"; the program itself: ""
    std::vector<word> words;
    std::vector<value_flag> value_flags;
};

std::string first_line(const std::string& text) {
    return text.substr(0, text.find('\n'));
}

std::vector<std::string> names_of(const CLI::Option& option) {
    std::vector<std::string> names;
    for (const auto& name : option.get_lnames()) names.push_back("--" + name);
    for (const auto& name : option.get_snames()) names.push_back("-" + name);
    return names;
}

void add_options(place& at, const CLI::App& command) {
    for (const auto* option : command.get_options()) {
        auto choices = choices_of(option->get_type_name());
        if (choices.empty()) choices = supported_values(option->get_description());
        if (option->get_positional()) {
            for (const auto& choice : choices) at.words.push_back({choice, ""});
            continue;
        }
        const auto names = names_of(*option);
        at.words.push_back({names.front(), first_line(option->get_description())});
        if (option->get_items_expected_max() > 0) at.value_flags.push_back({names, choices});
    }
}

void collect(std::vector<place>& places, const CLI::App& command, const std::string& path) {
    place at{path, {}, {}};
    const auto below = command.get_subcommands([](const CLI::App*) { return true; });
    for (const auto* each : below) {
        at.words.push_back({each->get_name(), first_line(each->get_description())});
    }
    add_options(at, command);
    const CLI::App* root = &command;
    while (root->get_parent() != nullptr) root = root->get_parent();
    if (root != &command) {
        place global;
        add_options(global, *root);
        for (auto& each : global.words) {
            const bool known = std::any_of(at.words.begin(), at.words.end(),
                                           [&](const word& own) { return own.text == each.text; });
            if (!known) at.words.push_back(std::move(each));
        }
        for (auto& each : global.value_flags) at.value_flags.push_back(std::move(each));
    }
    places.push_back(std::move(at));
    for (const auto* each : below) collect(places, *each, path + "/" + each->get_name());
}

std::vector<place> places_of(const CLI::App& program) {
    std::vector<place> places;
    collect(places, program, "");
    return places;
}

std::string function_name(const CLI::App& program) {
    std::string name = "_" + program.get_name();
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
}

std::string joined(const std::vector<std::string>& parts, std::string_view by) {
    std::string out;
    for (const auto& part : parts) out.append(out.empty() ? "" : by).append(part);
    return out;
}

// 'text', for any shell.
std::string quoted(const std::string& text) {
    std::string out = "'";
    for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return out + "'";
}

// Patterns of all commands but the program itself: what extends a path.
std::string path_pattern(const std::vector<place>& places) {
    std::vector<std::string> paths;
    for (const auto& at : places) {
        if (!at.path.empty()) paths.push_back(at.path);
    }
    return joined(paths, "|");
}

// The lines of a `case` over "path:flag" that name the values of each flag.
std::string value_cases(const std::vector<place>& places, const std::string& any_text) {
    std::string out;
    for (const auto& at : places) {
        for (const auto& flag : at.value_flags) {
            std::vector<std::string> patterns;
            for (const auto& name : flag.names) patterns.push_back(at.path + ":" + name);
            out += "        " + joined(patterns, "|") + ") ";
            out += flag.choices.empty() ? any_text : "words='" + joined(flag.choices, " ") + "'";
            out += " ;;\n";
        }
    }
    return out;
}

}  // namespace

std::string bash_completion(const CLI::App& program) {
    const auto places = places_of(program);
    const std::string name = function_name(program);
    std::string out = name + "() {\n    local path='' words='' at\n    COMPREPLY=()\n" +
                      "    for ((at = 1; at < COMP_CWORD; ++at)); do\n" +
                      "        case \"$path/${COMP_WORDS[at]}\" in\n        " +
                      path_pattern(places) +
                      ") path=\"$path/${COMP_WORDS[at]}\" ;;\n        esac\n    done\n" +
                      "    case \"$path:${COMP_WORDS[COMP_CWORD - 1]}\" in\n" +
                      value_cases(places, "return") + "    *)\n        case \"$path\" in\n";
    for (const auto& at : places) {
        std::vector<std::string> words;
        for (const auto& each : at.words) words.push_back(each.text);
        out += "        " + quoted(at.path) + ") words='" + joined(words, " ") + "' ;;\n";
    }
    return out + "        esac ;;\n    esac\n" +
           "    mapfile -t COMPREPLY < <(compgen -W \"$words\" -- "
           "\"${COMP_WORDS[COMP_CWORD]}\")\n" +
           "}\ncomplete -o default -F " + name + " " + program.get_name() + "\n";
}

std::string zsh_completion(const CLI::App& program) {
    const auto places = places_of(program);
    const std::string name = function_name(program);
    std::string out = "#compdef " + program.get_name() + "\n" + name +
                      "() {\n    local place='' words_here='' at\n    local -a found\n" +
                      "    for ((at = 2; at < CURRENT; ++at)); do\n" +
                      "        case \"$place/${words[at]}\" in\n        " + path_pattern(places) +
                      ") place=\"$place/${words[at]}\" ;;\n        esac\n    done\n" +
                      "    case \"$place:${words[CURRENT-1]}\" in\n";
    std::string cases = value_cases(places, "_files; return");
    for (size_t at = cases.find("words='"); at != cases.npos; at = cases.find("words='", at)) {
        cases.replace(at, 7, "words_here='");
        at += 12;
    }
    out += cases + "    *)\n        case \"$place\" in\n";
    for (const auto& at : places) {
        out += "        " + quoted(at.path) + ") found=(";
        for (const auto& each : at.words) {
            out += "\n            " + quoted(each.text + ":" + each.description);
        }
        out += ") ;;\n";
    }
    return out + "        esac ;;\n    esac\n" +
           "    [[ -n $words_here ]] && found=(${=words_here})\n    _describe " +
           quoted(program.get_name()) + " found\n}\n" + "if [[ $funcstack[1] = " + name +
           " ]]; then\n    " + name + " \"$@\"\nelse\n    compdef " + name + " " +
           program.get_name() + "\nfi\n";
}

std::string fish_completion(const CLI::App& program) {
    const auto places = places_of(program);
    const std::string name = "_" + function_name(program) + "_path";
    std::vector<std::string> paths;
    for (const auto& at : places) {
        if (!at.path.empty()) paths.push_back(at.path);
    }
    std::string out =
        "function " + name + "\n    set -l path ''\n" +
        "    for word in (commandline -opc)[2..]\n" + "        contains -- \"$path/$word\" " +
        joined(paths, " ") +
        "; and set path \"$path/$word\"\n    end\n    test \"$path\" = \"$argv[1]\"\n" +
        "end\ncomplete -c " + program.get_name() + " -f\n";
    for (const auto& at : places) {
        const std::string head =
            "complete -c " + program.get_name() + " -n \"" + name + " '" + at.path + "'\" ";
        for (const auto& each : at.words) {
            const bool flag = each.text.starts_with("--");
            out += head + (flag ? "-l " + each.text.substr(2) : "-a " + each.text);
            out += " -d " + quoted(each.description);
            for (const auto& valued : at.value_flags) {
                if (valued.names.front() != each.text) continue;
                out += valued.choices.empty() ? std::string(" -r")
                                              : " -x -a " + quoted(joined(valued.choices, " "));
            }
            out += '\n';
        }
    }
    return out;
}

void add_completion(CLI::App& program, session& self) {
    auto shell = std::make_shared<std::string>();
    auto* completion =
        add_command(program, "completion", "print a script that completes commands in a shell");
    completion->footer("print a script that completes commands in a shell, e.g.\n    " +
                       program.get_name() + " completion bash > /etc/bash_completion.d/" +
                       program.get_name());
    const auto parse = [](const std::string& text) -> outcome<std::string> {
        if (text == "bash" || text == "zsh" || text == "fish") return text;
        return fail(error_code::bad_request, "'" + text + "' isn't one of bash|zsh|fish");
    };
    add_value(*completion, "shell", *shell, "bash|zsh|fish", "", parse)->required();
    on_run(completion, self, [&program, shell] {
        print(*shell == "bash"  ? bash_completion(program)
              : *shell == "zsh" ? zsh_completion(program)
                                : fish_completion(program));
        return exit_code::done;
    });
}

}  // namespace ie::cli

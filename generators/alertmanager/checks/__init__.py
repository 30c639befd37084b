"""What can be wrong with a configuration, one subject a module.

A check of a file takes the file as plain values and looks at nothing but its subject; a check of meaning
takes a Config. Both yield problems in the order of the file.
"""

"""The tasks: one small frozen object in one file each; `taskrnn.experiment` names the settings they are trained with."""
